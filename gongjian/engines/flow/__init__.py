"""流程: small state machines. `from gongjian.engines.flow.moves import Flow, Move`."""
