"""PostgreSQL for spowatch: roles and grants, and a server to try it on."""
