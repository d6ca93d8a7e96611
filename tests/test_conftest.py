from django.db import connection

from comms.models import Communication


def test_tests_run_as_the_application_role(cast):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, has_table_privilege('comms_logentry', 'DELETE')")

        assert cursor.fetchone() == ("blockpost_app", False)


def test_a_committed_clone_is_another_database(committed, inside):
    Communication.objects.create(organisation=inside.organisation, subject="Lift 2", created_by=inside.alice)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (committed,)
