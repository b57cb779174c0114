"""标准化规范化考评 (assessments): standard lists scored item by item, from records and on visits."""
