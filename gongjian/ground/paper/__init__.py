"""文书: PDF files from our own HTML, with embedded Chinese fonts. `paper.pdf` and `paper.response` are the doors."""

from gongjian.ground.paper.press import Attachment, PaperUnavailable, missing, pdf, response

__all__ = ["Attachment", "PaperUnavailable", "missing", "pdf", "response"]
