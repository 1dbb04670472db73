"""`manage.py announce ROOM TEXT [--dry-run]`"""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from chat.announcements import announce
from chat.frames import is_unicode
from chat.rooms import is_room_name


class Command(BaseCommand):
    help = "Tell everyone in a room something from outside."

    def add_arguments(self, parser):
        parser.add_argument("room")
        parser.add_argument("text")
        parser.add_argument("--dry-run", action="store_true", help="do it all, and take it back")

    @transaction.atomic
    def handle(self, *args, room, text, dry_run, **options):
        # Bytes that are no UTF-8 come from the command line as halves of surrogate pairs.
        if not is_unicode(room + text):
            raise CommandError("The room or the announcement is not text in UTF-8.")
        if not is_room_name(room):
            raise CommandError("A room name is one line of 1 to 200 characters.")
        if not text.strip():
            raise CommandError("The announcement is empty.")
        announce(room, text)
        transaction.set_rollback(dry_run)
