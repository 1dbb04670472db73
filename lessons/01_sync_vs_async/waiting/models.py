"""Postcards: from which city, to whom, with which words."""

from django.db import models


class City(models.Model):
    name = models.CharField(max_length=100, unique=True)

    def __str__(self):
        return self.name


class Postcard(models.Model):
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="postcards")
    to = models.CharField(max_length=100, db_index=True)
    text = models.TextField()

    class Meta:
        ordering = ["pk"]  # the oldest first

    def __str__(self):
        return f"to {self.to}: {self.text}"
