from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("demo", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="preparation", name="progress", field=models.JSONField(default=dict, verbose_name="进度")
        ),
    ]
