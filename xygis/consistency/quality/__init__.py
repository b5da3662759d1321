"""Quality control of plan databases (规划数据库质检): a layer's file as it is, against the standard of its table."""
