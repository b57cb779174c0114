"""FLOOR 3 业务。"""
