"""`manage.py demo`: people to try the chat with."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from accounts.tokens import create_token

NAMES = ["ann", "bob", "eve"]
PASSWORD = "tea-time"
A_DAY = 24 * 60 * 60


class Command(BaseCommand):
    help = "Make three people, each with a password and a new token, and print both."

    def handle(self, *args, **options):
        self.stdout.write(f"{'user':<6}{'password':<11}token")
        for name in NAMES:
            user, is_new = get_user_model().objects.get_or_create(username=name)
            if is_new or not user.has_usable_password():
                user.set_password(PASSWORD)
                user.save()
            self.stdout.write(f"{name:<6}{PASSWORD:<11}{create_token(user, A_DAY)}")
