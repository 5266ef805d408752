namespace Ublk.Load;

/// <summary>A device to make: its name and its table.</summary>
readonly record struct NamedTable(string Name, string Table);
