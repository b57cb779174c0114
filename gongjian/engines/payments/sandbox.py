"""测试收银台: a payment provider of its own process and port, without any real money, for demos and tests.

    python -m gongjian.engines.payments.sandbox --port 8099 --merchant demo --key …

It looks and behaves like a provider: orders, a cashier's page (pay, fail, close), signed notifications that it repeats
until they are acknowledged, queries, refunds, the day's bill as CSV. `POST /control` (signed) makes it misbehave on
purpose: `repeat` (send each notification so often), `delay` (seconds before sending), `mute` (send none), `shuffle` (an
older failed attempt is told after the payment), `skew` (fen that it reports too much). Standard library only.
"""

import argparse
import csv
import datetime as dt
import html
import io
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from gongjian.engines.payments import signing

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
RETRIES = (0.0, 0.5, 2.0, 8.0, 30.0)  # seconds before each attempt to deliver a notification
LONGEST = 100_000


def _now() -> str:
    return dt.datetime.now(SHANGHAI).isoformat(timespec="seconds")


class Till:
    """收银台: orders and refunds in memory, kept in a file if one is given; one lock for all."""

    def __init__(self, merchant: str, key: str, store: Path | None = None) -> None:
        self.merchant, self.key, self.store = merchant, key, store
        self.lock = threading.RLock()
        self.control: dict[str, Any] = {"repeat": 1, "delay": 0.0, "mute": False, "shuffle": False, "skew": 0}
        self.orders: dict[str, dict] = {}
        if store and store.exists():
            self.orders = json.loads(store.read_text(encoding="utf-8"))

    def keep(self) -> None:
        if self.store:
            beside = self.store.with_suffix(".new")
            beside.write_text(json.dumps(self.orders, ensure_ascii=False), encoding="utf-8")
            beside.replace(self.store)

    def create(self, asked: dict, base: str) -> tuple[int, dict]:
        with self.lock:
            known = self.orders.get(asked["number"])
            if known is None:
                known = {
                    "number": asked["number"], "amount": int(asked["amount"]), "title": asked["title"], "state": "waiting",
                    "notify_url": asked["notify_url"], "return_url": asked["return_url"], "expires_at": asked["expires_at"],
                    "trade_no": f"T{int(time.time() * 1000)}{secrets.randbelow(10**6):06d}", "token": secrets.token_urlsafe(12),
                    "paid": None, "paid_at": None, "refunds": {}, "refunded_at": None,
                }  # fmt: skip
                self.orders[asked["number"]] = known
                self.keep()
            elif known["amount"] != int(asked["amount"]):
                return 409, {"error": "another amount under the same number"}
            pay_url = f"{base}/cashier/{known['trade_no']}?t={known['token']}"
            return 200, {"trade_no": known["trade_no"], "pay_url": pay_url}

    def by_trade(self, trade_no: str) -> dict | None:
        return next((order for order in self.orders.values() if order["trade_no"] == trade_no), None)

    def press(self, order: dict, what: str) -> str:
        """A button of the cashier's page; the order's state afterwards."""
        with self.lock:
            if order["state"] != "waiting":
                return order["state"]
            if dt.datetime.fromisoformat(order["expires_at"]) <= dt.datetime.now(SHANGHAI):
                order["state"] = "closed"
            elif what == "pay":
                skew = int(self.control["skew"])
                order.update(state="paid", paid=order["amount"] + skew, paid_at=_now())
                if self.control["shuffle"]:
                    self.tell(order, "order.paid")
                    self.tell(order, "order.failed", after=0.3)
                else:
                    self.tell(order, "order.paid")
            elif what == "fail":
                self.tell(order, "order.failed")
            elif what == "close":
                order["state"] = "closed"
                self.tell(order, "order.closed")
            self.keep()
            return order["state"]

    def close(self, order: dict) -> None:
        with self.lock:
            if order["state"] == "waiting":
                order["state"] = "closed"
                self.keep()

    def refund(self, asked: dict) -> tuple[int, dict]:
        with self.lock:
            order = self.orders.get(asked["number"])
            if order is None or order["state"] not in ("paid", "refunded"):
                return 404, {"error": "nothing to refund"}
            if asked["refund_number"] not in order["refunds"]:
                if sum(order["refunds"].values()) + int(asked["amount"]) > order["paid"]:
                    return 409, {"error": "more than was paid"}
                order["refunds"][asked["refund_number"]] = int(asked["amount"])
                order.update(state="refunded", refunded_at=_now())
                self.keep()
                self.tell(order, "refund.done")
            return 200, {"state": "refunded", "amount": order["refunds"][asked["refund_number"]]}

    def bill(self, day: str) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["kind", "number", "trade_no", "amount", "at"])
        with self.lock:
            for order in self.orders.values():
                if (order["paid_at"] or "").startswith(day):
                    writer.writerow(["pay", order["number"], order["trade_no"], order["paid"], order["paid_at"]])
                for amount in order["refunds"].values():
                    if (order["refunded_at"] or "").startswith(day):
                        writer.writerow(["refund", order["number"], order["trade_no"], amount, order["refunded_at"]])
        return ("\ufeff" + out.getvalue()).encode()

    def tell(self, order: dict, kind: str, after: float = 0.0) -> None:
        """Send a notification from a thread of its own, again and again until it is acknowledged."""
        if self.control["mute"]:
            return
        body = json.dumps({
            "event": secrets.token_hex(12), "kind": kind, "number": order["number"], "trade_no": order["trade_no"],
            "amount": order["paid"] or order["amount"], "at": _now(),
        }).encode()  # fmt: skip
        for _copy in range(max(1, int(self.control["repeat"]))):
            wait = after + float(self.control["delay"])
            threading.Thread(target=self._send, args=(order["notify_url"], body, wait), daemon=True).start()

    def _send(self, url: str, body: bytes, wait: float) -> None:
        time.sleep(wait)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for pause in RETRIES:
            time.sleep(pause)
            headers = {**signing.headers(self.key, body), "Content-Type": "application/json"}
            try:
                with opener.open(urllib.request.Request(url, body, headers, method="POST"), timeout=5) as answer:
                    if answer.status == 200 and answer.read(100) == b"success":
                        return
            except (urllib.error.URLError, OSError):
                continue


PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>测试收银台</title><style>
body{{margin:0;background:#eef2f6;color:#1d2733;font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif}}
header{{background:#0b5cad;color:#fff;padding:.9rem 1.2rem;font-weight:600}}
main{{max-width:26rem;margin:1.5rem auto;padding:0 1rem}}
section{{background:#fff;border-radius:14px;padding:1.5rem;box-shadow:0 2px 12px rgb(20 40 70/10%)}}
.sum{{font-size:2.4rem;font-weight:700;margin:.2rem 0 1rem}} p{{margin:.2rem 0}} small{{color:#5a6675}}
.note{{background:#fff6dd;border:1px solid #eed48c;border-radius:10px;padding:.6rem .9rem;margin-bottom:1rem}}
button,a.b{{display:block;box-sizing:border-box;width:100%;min-height:48px;margin-top:.8rem;border-radius:10px;border:1px solid #c6d0db;
background:#fff;font:inherit;color:inherit;text-align:center;line-height:46px;text-decoration:none}}
button.pay{{background:#0b5cad;border-color:#0b5cad;color:#fff;font-weight:600}}</style></head><body>
<header>测试收银台</header><main><p class="note">演示和测试用，不连接任何银行，不会真的扣款。</p><section>{body}</section></main></body></html>"""


def cashier(order: dict, told: str = "") -> str:
    """The cashier's page of an order."""
    title, amount = html.escape(order["title"]), f"{order['amount'] / 100:.2f}"
    head = f'<p>{title}</p><p class="sum">¥ {amount}</p><small>商户单号 {html.escape(order["number"])}</small>'
    back = f'<a class="b" href="{html.escape(order["return_url"])}">返回商户</a>'
    if order["state"] == "waiting":
        told = f"<p><strong>{html.escape(told)}</strong></p>" if told else ""
        return PAGE.format(
            body=head
            + told
            + f"""<form method="post">
<button class="pay" name="do" value="pay">确认付款 ¥{amount}</button>
<button name="do" value="fail">模拟付款失败</button><button name="do" value="close">关闭订单</button></form>{back}"""
        )
    word = {"paid": "付款成功", "closed": "订单已关闭", "refunded": "已退款"}[order["state"]]
    return PAGE.format(body=f"{head}<h2>{word}</h2>{back}")


class Handler(BaseHTTPRequestHandler):
    """One request to the till."""

    till: Till
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes, kind: str = "application/json", *, signed: bool = True) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Referrer-Policy", "no-referrer")
        if signed:
            for name, value in signing.headers(self.till.key, body).items():
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _json(self, status: int, body: dict) -> None:
        self._answer(status, json.dumps(body, ensure_ascii=False).encode())

    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(min(length, LONGEST))

    def _trusted(self, body: bytes) -> bool:
        return signing.fits(self.till.key, self.headers, body or self.path.encode())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        if steps[0] == "cashier" and len(steps) == 2:
            order = self.till.by_trade(steps[1])
            if order is None or parse_qs(parts.query).get("t") != [order["token"]]:
                return self._answer(404, b"no such order", "text/plain", signed=False)
            return self._answer(200, cashier(order).encode(), "text/html", signed=False)
        if steps == ["health"]:
            return self._answer(200, b"ok", "text/plain", signed=False)
        if not self._trusted(b""):
            return self._json(403, {"error": "signature"})
        if steps[:2] == ["v1", "orders"] and len(steps) == 3:
            return self._order(steps[2])
        if steps[:2] == ["v1", "bills"] and len(steps) == 3:
            return self._answer(200, self.till.bill(steps[2]), "text/csv")
        return self._json(404, {"error": "no such address"})

    def _order(self, number: str) -> None:
        order = self.till.orders.get(number)
        if order is None:
            return self._json(404, {"error": "no such order"})
        return self._json(200, {key: order[key] for key in ("number", "state", "paid", "paid_at", "trade_no")})

    def do_POST(self) -> None:
        parts, body = urlsplit(self.path), self._body()
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        if steps[0] == "cashier" and len(steps) == 2:
            return self._press(steps[1], parse_qs(parts.query).get("t"), parse_qs(body.decode("ascii", "replace")))
        if not self._trusted(body):
            return self._json(403, {"error": "signature"})
        asked = json.loads(body)
        if steps == ["control"]:
            self.till.control.update(asked)
            return self._json(200, self.till.control)
        if steps == ["v1", "orders"]:
            host = self.headers.get("Host", "127.0.0.1")
            return self._json(*self.till.create(asked, f"http://{host}"))
        if steps[:2] == ["v1", "orders"] and steps[3:] == ["close"]:
            if steps[2] in self.till.orders:
                self.till.close(self.till.orders[steps[2]])
            return self._order(steps[2])
        if steps == ["v1", "refunds"]:
            return self._json(*self.till.refund(asked))
        return self._json(404, {"error": "no such address"})

    def _press(self, trade_no: str, token: list | None, form: dict) -> None:
        order = self.till.by_trade(trade_no)
        if order is None or token != [order["token"]]:
            return self._answer(404, b"no such order", "text/plain", signed=False)
        what = form.get("do", [""])[0]
        self.till.press(order, what)
        told = "付款没有成功，可以再试一次。" if what == "fail" else ""
        return self._answer(200, cashier(order, told).encode(), "text/html", signed=False)


def serve(port: int, merchant: str, key: str, store: Path | None = None) -> ThreadingHTTPServer:
    """A server that is ready to `serve_forever()` on 127.0.0.1; port 0 takes a free one (`server_port`)."""
    handler = type("TillHandler", (Handler,), {"till": Till(merchant, key, store)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def main() -> None:
    """Run until stopped; the first line on standard output says the port."""
    parser = argparse.ArgumentParser(description="测试收银台（没有真钱）")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--merchant", default="demo")
    parser.add_argument("--key", default=os.environ.get("SANDBOX_KEY"), help="省略时读环境变量 SANDBOX_KEY")
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    if not asked.key:
        parser.error("没有密钥：用 --key 或环境变量 SANDBOX_KEY")
    server = serve(asked.port, asked.merchant, asked.key, asked.store)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
