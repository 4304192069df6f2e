import CKernels

/// What the inputs of matrix products are rounded to; sums and all else are float32.
package enum Precision: String, CaseIterable, Sendable {
  case float32
  /// bfloat16: float32's range with 8 bits of mantissa (Kalamkar et al. 2019, arXiv:1905.12322).
  case bf16

  /// Whether this processor multiplies so.
  package var isSupported: Bool { self == .float32 || ck_half_support() != ck_half_none }

  /// By which instructions, as a message says it; nil where there are none.
  package var instructions: String? {
    switch (self, ck_half_support()) {
    case (.float32, _): "float32"
    case (.bf16, ck_half_tiles): "AMX"
    case (.bf16, ck_half_dots): "AVX-512 BF16"
    default: nil
    }
  }

  /// This precision where the processor has it, else float32.
  package var supported: Precision { isSupported ? self : .float32 }

  var kernel: ProductKernel { supported == .bf16 ? .half : .single }
}

/// The three steps of a product, in one of the precisions; see ck_gemm.h and ck_half.h.
struct ProductKernel: Sendable {
  /// Columns of a panel: what is shared out between threads is cut at multiples of it.
  let panelColumns: Int
  /// Rows of a tile, a multiple of how many go at once.
  let tileRows: Int
  let rowStep: Int
  let packedCount: @convention(c) (_ depth: Int, _ columns: Int) -> Int
  let pack:
    @convention(c) (
      _ b: UnsafePointer<Float>, _ step: Int, _ transposed: Int32, _ depth: Int, _ columns: Int, _ first: Int,
      _ last: Int, _ packed: UnsafeMutablePointer<Float>
    ) -> Void
  let multiply:
    @convention(c) (
      _ a: UnsafePointer<Float>, _ step: Int, _ transposed: Int32, _ packed: UnsafePointer<Float>, _ depth: Int,
      _ used: Int, _ columns: Int, _ from: Int, _ to: Int, _ c: UnsafeMutablePointer<Float>, _ stepC: Int,
      _ rows: Int, _ bias: UnsafePointer<Float>?, _ accumulate: Int32
    ) -> Void

  static let single = ProductKernel(
    panelColumns: ck_panel_columns(), tileRows: 240, rowStep: 12, packedCount: ck_packed_count, pack: ck_pack,
    multiply: ck_gemm)
  static let half = ProductKernel(
    panelColumns: ck_half_panel_columns(), tileRows: 256, rowStep: 32, packedCount: ck_half_packed_count,
    pack: ck_half_pack, multiply: ck_half_gemm)
}
