"""`manage.py create_token USER --expires-in SECONDS [--inactive]`"""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.tokens import create_token


class Command(BaseCommand):
    help = "Give a user a token, and print it. The user is made if there is none of that name."

    def add_arguments(self, parser):
        parser.add_argument("user", help="the name of the user")
        parser.add_argument(
            "--expires-in", type=int, required=True, metavar="SECONDS", help="may be negative"
        )
        parser.add_argument("--inactive", action="store_true", help="make the user inactive")

    @transaction.atomic
    def handle(self, *args, user, expires_in, inactive, **options):
        users = get_user_model().objects
        name = users.model.normalize_username(user)  # as `create_user` stores it
        person = users.filter(username=name).first() or users.create_user(name)
        if inactive:
            person.is_active = False
            person.save(update_fields=["is_active"])
        self.stdout.write(create_token(person, expires_in))
