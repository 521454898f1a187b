"""Airflow: the same command every night. Copy it into the folder of DAGs, and put your paths in."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

COMMAND = "/opt/partner_analysis/.venv/bin/partner-analysis"
PRACTICE = "/srv/my-practice/practice.toml"
LOCKED = 75  # another run is going on

with DAG(
    "partner_analysis",
    description="Reports on marketing partnerships",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="run",
        bash_command=f"exec {COMMAND} run {PRACTICE}",
        skip_on_exit_code=LOCKED,
        retries=1,
        retry_delay=timedelta(minutes=30),
        execution_timeout=timedelta(hours=6),
    )
