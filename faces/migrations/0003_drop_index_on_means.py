"""The groups' means are compared one and all, in half precision: their index passed over some that were nearest."""

from django.db import migrations
from pgvector.django import HalfVectorField


class Migration(migrations.Migration):
    dependencies = [("faces", "0002_add_uncounted")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS unknown_by_centre",
            "CREATE INDEX unknown_by_centre ON faces_unknowncentroid"
            " USING hnsw ((vector::halfvec(128)) halfvec_l2_ops) WHERE model = 'dlib-resnet-v1'",
        ),
        migrations.AlterField("unknowncentroid", "vector", HalfVectorField()),
    ]
