using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>Which data mode a node gets, and why. Fixed for the node's life by ADD_DEV.</summary>
public static class DataModes
{
    const UblkFeatures ZeroCopyFeatures = UblkFeatures.SUPPORT_ZERO_COPY | UblkFeatures.AUTO_BUF_REG | UblkFeatures.USER_COPY;

    /// <summary>A mode by the name that options and messages write.</summary>
    /// <exception cref="DmException">There is no such mode.</exception>
    public static DataMode Parse(string name) =>
        Enum.GetValues<DataMode>().Cast<DataMode?>().FirstOrDefault(mode => Name(mode!.Value) == name)
        ?? throw new DmException(DmFailure.Failed, $"data mode '{name}': there is auto, copy, user-copy and zero-copy");

    /// <summary>As options and messages write it.</summary>
    public static string Name(DataMode mode) => mode switch
    {
        DataMode.Copy => "copy",
        DataMode.UserCopy => "user-copy",
        DataMode.ZeroCopy => "zero-copy",
        _ => "auto",
    };

    /// <summary>What to ask the driver for. In zero copy USER_COPY too: for targets that look at bytes, now or after a later load.</summary>
    internal static UblkFeatures Features(DataMode mode) => mode switch
    {
        DataMode.UserCopy => UblkFeatures.USER_COPY,
        DataMode.ZeroCopy => ZeroCopyFeatures,
        _ => UblkFeatures.NONE,
    };

    /// <summary>The mode for a first table on this driver, and the reason in words.</summary>
    /// <exception cref="DmException">A mode was asked for that the driver does not have.</exception>
    internal static (DataMode Mode, string Reason) Choose(DataMode asked, UblkFeatures driver, bool ringsHaveRoom, bool seesData)
    {
        string? noZeroCopy = (driver & ZeroCopyFeatures) != ZeroCopyFeatures ? "the driver has no AUTO_BUF_REG with USER_COPY (Linux 6.16)"
            : !ringsHaveRoom ? $"a worker's ring has no room for more registered buffers (of the {BufferTable.Registered} that a ring may have)"
            : null;
        switch (asked)
        {
            case DataMode.Copy:
                return (asked, "asked for");
            case DataMode.UserCopy when (driver & UblkFeatures.USER_COPY) == 0:
                throw Refused(asked, "the driver has no USER_COPY (Linux 6.5)");
            case DataMode.ZeroCopy when noZeroCopy is not null:
                throw Refused(asked, noZeroCopy);
            case DataMode.UserCopy or DataMode.ZeroCopy:
                return (asked, "asked for");
            default:
                return noZeroCopy is not null ? (DataMode.Copy, noZeroCopy)
                    : seesData ? (DataMode.Copy, "a target of the table looks at the bytes")
                    : (DataMode.ZeroCopy, "the table's targets only map");
        }
    }

    /// <summary>The modes that a driver has, for people.</summary>
    public static string Offered(DriverProbe driver) =>
        (UblkFeatures)driver.Features is var features && (features & ZeroCopyFeatures) == ZeroCopyFeatures ? "copy, user-copy and zero-copy; auto takes zero-copy for tables that only map"
        : (features & UblkFeatures.USER_COPY) != 0 ? "copy and user-copy; zero-copy needs Linux 6.16 (AUTO_BUF_REG)"
        : "copy only; user-copy needs Linux 6.5, zero-copy 6.16";

    static DmException Refused(DataMode mode, string reason) =>
        new(DmFailure.Failed, $"data mode {Name(mode)} cannot be had: {reason}; use --mode auto, which takes the best there is");
}
