"""Which classes label maps have: tables of names, ids, training ids and colours, and the ways from one to another."""
