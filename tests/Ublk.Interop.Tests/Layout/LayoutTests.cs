using Xunit;

namespace Ublk.Interop.Tests;

public sealed class LayoutTests
{
    [Fact]
    public void Structs_are_laid_out_as_in_the_system_headers() =>
        AssertHold(CStructs.All.SelectMany(s => s.Assertions()));

    [Fact]
    public void Constants_have_the_values_of_the_system_headers() => AssertHold(CConstants.Assertions());

    [Fact]
    public void Ublk_structs_are_laid_out_as_in_the_newest_kernel()
    {
        foreach ((Type type, (int size, string fields)) in CStructs.ProtocolSheet)
        {
            CStruct ours = CStructs.All.Single(s => s.Type == type);
            Assert.Equal(fields, string.Join(", ", ours.Fields.Select(f => $"{f.CName} {f.Offset}:{f.Size}")));
            Assert.Equal(size, ours.Size);
        }
    }

    [Fact]
    public void Every_struct_is_checked() =>
        Assert.Equal(
            typeof(Libc).Assembly.GetExportedTypes().Where(t => t.IsValueType && !t.IsEnum && !t.IsNested && !IsRecord(t)).OrderBy(t => t.Name),
            CStructs.All.Select(s => s.Type).OrderBy(t => t.Name));

    /// <summary>Records are values of ours; the kernel's structs have no equality.</summary>
    static bool IsRecord(Type type) => type.IsAssignableTo(typeof(IEquatable<>).MakeGenericType(type));

    [Fact]
    public void Every_ublk_struct_is_in_the_sheet() =>
        Assert.Equal(
            CStructs.All.Select(s => s.Type).Where(t => t.Name.StartsWith("Ublk", StringComparison.Ordinal)).OrderBy(t => t.Name),
            CStructs.ProtocolSheet.Keys.OrderBy(t => t.Name));

    [Fact]
    public void Every_exception_from_the_headers_is_about_a_constant_that_exists() =>
        Assert.Empty(CConstants.NotIn61.Keys.Except(CConstants.All.Select(c => c.Name), StringComparer.Ordinal));

    [Fact]
    public void A_wrong_layout_is_noticed()
    {
        string complaints = CCompiler.Check(new CStruct(typeof(IoUringCqe), "io_uring_sqe").Assertions());

        Assert.Contains("io_uring_sqe.user_data: at 0 in IoUringCqe", complaints, StringComparison.Ordinal);
        Assert.Contains("sizeof io_uring_sqe: 16 in IoUringCqe", complaints, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_constant_is_noticed() =>
        Assert.Contains(
            "IORING_OP_URING_CMD",
            CCompiler.Check(["_Static_assert(IORING_OP_URING_CMD == 47, \"IORING_OP_URING_CMD\");"]),
            StringComparison.Ordinal);

    private static void AssertHold(IEnumerable<string> assertions)
    {
        string complaints = CCompiler.Check(assertions);
        Assert.True(complaints.Length == 0, complaints);
    }
}
