"""gongjian: the console command. Each group lives beside what it drives; this file only mounts them."""

import os
import sys

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """共建：智慧党建与城市基层治理的开放平台。"""


def django_ready() -> None:
    """Set Django up once; every command that touches the database calls it first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")
    import django

    django.setup()


@main.command()
def migrate() -> None:
    """建立或升级数据库。"""
    django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=1)


if __name__ == "__main__":
    sys.exit(main())
