"""What forms call the inputs of operations. A name that is not here yet is shown as it stands in the signature."""

from __future__ import annotations

from gazo.core.language import Text

_WORDS = {
    "image": Text("画像", "Image"),
    "images": Text("画像", "Images"),
    "original": Text("処理前の画像", "Original image"),
    "processed": Text("処理後の画像", "Processed image"),
    "high": Text("高エネルギー画像 (高管電圧)", "High-energy image"),
    "low": Text("低エネルギー画像 (低管電圧)", "Low-energy image"),
    "current": Text("今回の画像", "Current image"),
    "previous": Text("過去の画像", "Previous image"),
    "raw": Text("補正前の画像", "Raw image"),
    "flat": Text("均一照射画像", "Flat-field image"),
    "flats": Text("均一照射画像", "Flat-field images"),
    "dark": Text("暗画像", "Dark image"),
    "darks": Text("暗画像", "Dark images"),
    "defects": Text("欠損画素マップ", "Map of defects"),
    "guide": Text("ガイド画像", "Guide image"),
    "mask": Text("関心領域のマスク", "Mask of the region"),
    "signal": Text("信号領域のマスク", "Mask of the signal"),
    "background": Text("背景領域のマスク", "Mask of the background"),
    "first": Text("1 つ目", "First"),
    "second": Text("2 つ目", "Second"),
    "frames": Text("フレーム列 (時間順)", "Frames in order of time"),
    "volumes": Text("ボリューム", "Volumes"),
    "pa": Text("正面像の見本", "Examples of frontal views"),
    "lateral": Text("側面像の見本", "Examples of lateral views"),
    "candidates": Text("候補領域", "Candidates"),
    "nodules": Text("結節の見本", "Examples of nodules"),
    "others": Text("結節以外の見本", "Examples of others"),
    "unshielded": Text("遮へいなしの画像", "Images without shield"),
    "shielded": Text("遮へいありの画像", "Images with shield"),
    "object_image": Text("被写体の画像", "Image of the object"),
    "dark_after": Text("直後の暗画像", "Dark image right after"),
    "flat_before": Text("前の均一照射画像", "Flat field before"),
    "flat_after": Text("後の均一照射画像", "Flat field after"),
    "density_curve": Text("濃度依存の曲線", "Density-dependent curve"),
    "compression_curve": Text("圧縮の曲線", "Compression curve"),
    "noise_curve": Text("ノイズの曲線 (画素値と標準偏差)", "Noise curve (value and SD)"),
    "nps": Text("NPS の曲線", "NPS curve"),
    "nnps": Text("NNPS の曲線", "NNPS curve"),
    "mtf": Text("MTF の曲線", "MTF curve"),
    "ttf": Text("TTF の曲線", "TTF curve"),
    "conversion": Text("変換関数", "Conversion function"),
    "response": Text("入出力特性の測定点", "Points of the response"),
    "display": Text("表示装置の特性曲線", "Characteristic curve of the display"),
    "spectrum": Text("スペクトル", "Spectrum"),
    "spectra": Text("スペクトル", "Spectra"),
    "variance": Text("線量と分散の曲線", "Curve of exposure and variance"),
    "output": Text("出力の測定点 (管電圧と線量)", "Output of the tube (kV and dose)"),
    "shape": Text("スペクトルの形", "Shape of the spectrum"),
    "table": Text("表", "Table"),
    "session": Text("撮影条件の表", "Table of exposures"),
    "circles": Text("円形 ROI の表", "Table of circular regions"),
    "doses": Text("線量の表", "Table of doses"),
    "traces": Text("信号波形の表", "Table of traces"),
}


def input_word(name: str) -> Text:
    """The name of an input in both languages."""
    return _WORDS.get(name, Text(name, name))
