"""Pool images that get the label of a bought one, to finetune on more images than the budget has bought."""
