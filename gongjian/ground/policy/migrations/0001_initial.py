from django.db import migrations, models

from gongjian.ground.kernel.db import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="PackVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(max_length=64)),
                ("version", models.CharField(max_length=32)),
                ("effective_from", models.DateField()),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("loaded_at", models.DateTimeField()),
                ("loaded_by", models.BigIntegerField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["pack", "effective_from", "id"], name="policy_packversion_day")],
                "constraints": [models.UniqueConstraint(fields=("pack", "version"), name="policy_packversion_once")],
            },
        ),
        append_only("policy_packversion"),
    ]
