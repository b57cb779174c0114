"""gongjian replay: lets a listener take in all facts again."""

import time

import click

from gongjian.engines.relay import relay


@click.command()
@click.argument("names", nargs=-1)
def replay(names: tuple[str, ...]) -> None:
    """重放：清空听者由事实得出的结果，从头再算一遍；不写名称则全部。结果应与原来一致。"""
    known = {listener.name: listener for listener in relay.listeners()}
    for name in names or tuple(known):
        if name not in known:
            raise click.ClickException(f"没有名为“{name}”的听者；现有：{'、'.join(known)}。")
    for name in names or tuple(known):
        began = time.monotonic()
        relay.replay(name)
        click.echo(f"{known[name].title or name}：已重放，用时 {time.monotonic() - began:.1f} 秒。")
