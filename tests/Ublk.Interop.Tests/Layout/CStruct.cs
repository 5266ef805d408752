using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Ublk.Interop.Tests;

/// <summary>One struct of ours and its name in C. The fields come from the type itself: nothing is written twice.</summary>
internal sealed record CStruct(Type Type, string CName)
{
    /// <summary>The first headers that have the struct; <see cref="Oldest"/> when all do.</summary>
    public Version Since { get; init; } = Oldest;

    /// <summary>The first headers in which the struct has the size it has here.</summary>
    public Version SizeSince { get; init; } = Oldest;

    /// <summary>Fields that came later than the struct.</summary>
    public LaterField[] Later { get; init; } = [];

    public static Version Oldest { get; } = new(6, 1);

    public int Size => SizeOf(Type);

    public IEnumerable<Field> Fields =>
        from f in Type.GetFields(BindingFlags.Public | BindingFlags.Instance)
        select new Field(f.Name, CFieldName(f.Name), (int)Marshal.OffsetOf(Type, f.Name), SizeOf(f.FieldType));

    /// <summary>_Static_asserts, each behind the version it holds from.</summary>
    public IEnumerable<string> Assertions()
    {
        foreach (Field field in Fields)
        {
            LaterField? later = Array.Find(Later, l => l.Name == field.Name);
            yield return From(Max(Since, later?.Since ?? Oldest), Assertion(field.CName, field));
            if (later?.Before is { } before)
                yield return Before(later.Since, Assertion(before, field));
        }

        yield return From(
            Max(Since, SizeSince),
            $"_Static_assert(sizeof(struct {CName}) == {Size}, \"sizeof {CName}: {Size} in {Type.Name}\");");
    }

    private static Version Max(Version a, Version b) => a > b ? a : b;

    private string Assertion(string cField, Field field)
    {
        string place = $"{CName}.{cField}";
        // cmd[0] is a flexible array in C, and poll32_events and the like are members of unions: all have their place in common.
        string size = cField == "cmd"
            ? string.Empty
            : $"\n_Static_assert(sizeof(((struct {CName} *)0)->{cField}) == {field.Size}, \"{place}: {field.Size} bytes in {Type.Name}\");";
        return $"_Static_assert(offsetof(struct {CName}, {cField}) == {field.Offset}, \"{place}: at {field.Offset} in {Type.Name}\");{size}";
    }

    private static string From(Version since, string text) =>
        since == Oldest ? text : $"#if LINUX_VERSION_CODE >= KERNEL_VERSION({since.Major}, {since.Minor}, 0)\n{text}\n#endif";

    private static string Before(Version since, string text) =>
        $"#if LINUX_VERSION_CODE < KERNEL_VERSION({since.Major}, {since.Minor}, 0)\n{text}\n#endif";

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!
            .MakeGenericMethod(type.IsPointer ? typeof(nint) : type).Invoke(null, null)!;

    // MaxIoBufBytes is max_io_buf_bytes; stx_ino is itself.
    private static string CFieldName(string name)
    {
        if (!char.IsUpper(name[0]))
            return name;
        StringBuilder snake = new();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && snake.Length > 0)
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }

    internal sealed record Field(string Name, string CName, int Offset, int Size);

    /// <param name="Before">What older headers have in its place, if anything.</param>
    internal sealed record LaterField(string Name, Version Since, string? Before = null);
}
