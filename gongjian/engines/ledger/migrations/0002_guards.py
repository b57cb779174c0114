from django.db import migrations

from gongjian.ground.kernel.db import append_only


class Migration(migrations.Migration):
    """Postings are append-only, whoever asks."""

    dependencies = [("ledger", "0001_initial")]
    operations = [append_only("ledger_posting")]
