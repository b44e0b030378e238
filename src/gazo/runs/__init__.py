"""Floor 5: recipes, the worker, stored results, figures, reports, exports, proofs."""

from gazo.runs.check import check_machine
from gazo.runs.export_onnx import export_onnx
from gazo.runs.export_r import export_r
from gazo.runs.export_script import export_script
from gazo.runs.figures import figure
from gazo.runs.help_report import help_report

__all__ = ["check_machine", "export_onnx", "export_r", "export_script", "figure", "help_report"]
