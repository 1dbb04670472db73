from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("ticket", "spent_at", models.DateTimeField(null=True)),
    ]
