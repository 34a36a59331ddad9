"""The database: tables, migrations, and the repositories that the other rooms' ports ask for."""
