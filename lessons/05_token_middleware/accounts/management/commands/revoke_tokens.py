"""`manage.py revoke_tokens USER`"""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from accounts.tokens import revoke_tokens


class Command(BaseCommand):
    help = "Take back all tokens of a user."

    def add_arguments(self, parser):
        parser.add_argument("user", help="the name of the user")

    def handle(self, *args, user, **options):
        users = get_user_model().objects
        person = users.filter(username=users.model.normalize_username(user)).first()
        if person is None:
            raise CommandError(f"There is no user {user!r}.")
        revoke_tokens(person)
