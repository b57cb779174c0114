from django.db import migrations

from gongjian.ground.kernel.db import append_only, vendor_sql


class Migration(migrations.Migration):
    """The guards that live in the database: facts and seals are append-only; every new fact is noted for numbering."""

    dependencies = [("facts", "0001_initial")]
    operations = [
        append_only("facts_fact"),
        append_only("facts_seal"),
        vendor_sql(
            sqlite=[
                """CREATE TRIGGER facts_fact_note AFTER INSERT ON facts_fact
                   BEGIN INSERT INTO facts_pending (fact) VALUES (NEW.id); END""",
            ],
            postgresql=[
                """CREATE FUNCTION facts_fact_note() RETURNS trigger LANGUAGE plpgsql AS
                   $$ BEGIN INSERT INTO facts_pending (fact) SELECT id FROM fresh; RETURN NULL; END $$""",
                """CREATE TRIGGER facts_fact_note AFTER INSERT ON facts_fact REFERENCING NEW TABLE AS fresh
                   FOR EACH STATEMENT EXECUTE FUNCTION facts_fact_note()""",
            ],
            undo_sqlite=["DROP TRIGGER facts_fact_note"],
            undo_postgresql=["DROP TRIGGER facts_fact_note ON facts_fact", "DROP FUNCTION facts_fact_note()"],
        ),
    ]
