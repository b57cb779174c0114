"""Pages of organisational life: lists and files, planning, organising, attending."""
