"""文件: documents and pictures that other rooms' objects keep: encrypted at rest, given out as attachments only."""
