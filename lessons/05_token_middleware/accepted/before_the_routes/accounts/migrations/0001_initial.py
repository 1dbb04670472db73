import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_CASCADE = django.db.models.deletion.CASCADE
_USER = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(_USER)]
    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=128, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("user", models.ForeignKey(on_delete=_CASCADE, to=_USER)),
            ],
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("room", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("token", models.ForeignKey(null=True, on_delete=_CASCADE, to="accounts.token")),
                ("user", models.ForeignKey(on_delete=_CASCADE, to=_USER)),
            ],
        ),
    ]
