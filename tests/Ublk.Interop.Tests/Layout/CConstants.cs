using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Ublk.Interop.Tests;

/// <summary>Every constant of the assembly that has a kernel name, found by reflection.</summary>
internal static partial class CConstants
{
    private static readonly Dictionary<Type, string> s_prefixOfEnum = new()
    {
        [typeof(IoUringSetup)] = "IORING_SETUP_",
        [typeof(IoUringOp)] = "IORING_OP_",
        [typeof(UblkFeatures)] = "UBLK_F_",
        [typeof(UblkDevState)] = "UBLK_S_DEV_",
        [typeof(UblkOp)] = "UBLK_IO_OP_",
        [typeof(UblkIoFlags)] = "UBLK_IO_F_",
        [typeof(UblkAttrs)] = "UBLK_ATTR_",
        [typeof(UblkParamTypes)] = "UBLK_PARAM_TYPE_",
    };

    /// <summary>
    /// What the headers of 6.1 lack, as C expressions after the protocol sheet (sources of 7.2) or, for io_uring,
    /// include/uapi/linux/io_uring.h of the kernel named.
    /// </summary>
    public static Dictionary<string, string> NotIn61 { get; } = new(StringComparer.Ordinal)
    {
        ["IORING_SETUP_NO_MMAP"] = "1U << 14",
        ["IORING_SETUP_REGISTERED_FD_ONLY"] = "1U << 15",
        ["IORING_SETUP_NO_SQARRAY"] = "1U << 16",
        ["IORING_SETUP_HYBRID_IOPOLL"] = "1U << 17",
        ["IORING_TIMEOUT_MULTISHOT"] = "1U << 6",
        ["IORING_URING_CMD_MULTISHOT"] = "1U << 1",
        ["BLOCK_URING_CMD_DISCARD"] = "_IO(0x12, 0)",

        ["UBLK_CMD_GET_DEV_INFO2"] = "0x12",
        ["UBLK_U_CMD_GET_QUEUE_AFFINITY"] = "_IOR('u', UBLK_CMD_GET_QUEUE_AFFINITY, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_GET_DEV_INFO"] = "_IOR('u', UBLK_CMD_GET_DEV_INFO, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_ADD_DEV"] = "_IOWR('u', UBLK_CMD_ADD_DEV, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_DEL_DEV"] = "_IOWR('u', UBLK_CMD_DEL_DEV, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_START_DEV"] = "_IOWR('u', UBLK_CMD_START_DEV, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_STOP_DEV"] = "_IOWR('u', UBLK_CMD_STOP_DEV, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_SET_PARAMS"] = "_IOWR('u', UBLK_CMD_SET_PARAMS, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_GET_PARAMS"] = "_IOR('u', UBLK_CMD_GET_PARAMS, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_START_USER_RECOVERY"] = "_IOWR('u', UBLK_CMD_START_USER_RECOVERY, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_END_USER_RECOVERY"] = "_IOWR('u', UBLK_CMD_END_USER_RECOVERY, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_GET_DEV_INFO2"] = "_IOR('u', 0x12, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_GET_FEATURES"] = "_IOR('u', 0x13, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_DEL_DEV_ASYNC"] = "_IOR('u', 0x14, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_UPDATE_SIZE"] = "_IOWR('u', 0x15, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_QUIESCE_DEV"] = "_IOWR('u', 0x16, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_TRY_STOP_DEV"] = "_IOWR('u', 0x17, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_REG_BUF"] = "_IOWR('u', 0x18, struct ublksrv_ctrl_cmd)",
        ["UBLK_U_CMD_UNREG_BUF"] = "_IOWR('u', 0x19, struct ublksrv_ctrl_cmd)",

        ["UBLK_U_IO_FETCH_REQ"] = "_IOWR('u', UBLK_IO_FETCH_REQ, struct ublksrv_io_cmd)",
        ["UBLK_U_IO_COMMIT_AND_FETCH_REQ"] = "_IOWR('u', UBLK_IO_COMMIT_AND_FETCH_REQ, struct ublksrv_io_cmd)",
        ["UBLK_U_IO_NEED_GET_DATA"] = "_IOWR('u', UBLK_IO_NEED_GET_DATA, struct ublksrv_io_cmd)",
        ["UBLK_U_IO_REGISTER_IO_BUF"] = "_IOWR('u', 0x23, struct ublksrv_io_cmd)",
        ["UBLK_U_IO_UNREGISTER_IO_BUF"] = "_IOWR('u', 0x24, struct ublksrv_io_cmd)",
        // struct ublk_batch_io is 16 bytes as well.
        ["UBLK_U_IO_PREP_IO_CMDS"] = "_IOWR('u', 0x25, struct ublksrv_io_cmd)",
        ["UBLK_U_IO_COMMIT_IO_CMDS"] = "_IOWR('u', 0x26, struct ublksrv_io_cmd)",
        ["UBLK_U_IO_FETCH_IO_CMDS"] = "_IOWR('u', 0x27, struct ublksrv_io_cmd)",

        ["UBLK_F_UNPRIVILEGED_DEV"] = "1 << 5",
        ["UBLK_F_CMD_IOCTL_ENCODE"] = "1 << 6",
        ["UBLK_F_USER_COPY"] = "1 << 7",
        ["UBLK_F_ZONED"] = "1 << 8",
        ["UBLK_F_USER_RECOVERY_FAIL_IO"] = "1 << 9",
        ["UBLK_F_UPDATE_SIZE"] = "1 << 10",
        ["UBLK_F_AUTO_BUF_REG"] = "1 << 11",
        ["UBLK_F_QUIESCE"] = "1 << 12",
        ["UBLK_F_PER_IO_DAEMON"] = "1 << 13",
        ["UBLK_F_BUF_REG_OFF_DAEMON"] = "1 << 14",
        ["UBLK_F_BATCH_IO"] = "1 << 15",
        ["UBLK_F_INTEGRITY"] = "1 << 16",
        ["UBLK_F_SAFE_STOP_DEV"] = "1 << 17",
        ["UBLK_F_NO_AUTO_PART_SCAN"] = "1 << 18",
        ["UBLK_F_SHMEM_ZC"] = "1 << 19",
        ["UBLK_S_DEV_FAIL_IO"] = "3",

        ["UBLK_IO_OP_ZONE_OPEN"] = "10",
        ["UBLK_IO_OP_ZONE_CLOSE"] = "11",
        ["UBLK_IO_OP_ZONE_FINISH"] = "12",
        ["UBLK_IO_OP_ZONE_APPEND"] = "13",
        ["UBLK_IO_OP_ZONE_RESET_ALL"] = "14",
        ["UBLK_IO_OP_ZONE_RESET"] = "15",
        ["UBLK_IO_OP_REPORT_ZONES"] = "18",
        ["UBLK_IO_F_NEED_REG_BUF"] = "1 << 17",
        ["UBLK_IO_F_INTEGRITY"] = "1 << 18",
        ["UBLK_IO_F_SHMEM_ZC"] = "1 << 19",

        ["UBLK_PARAM_TYPE_DEVT"] = "1 << 2",
        ["UBLK_PARAM_TYPE_ZONED"] = "1 << 3",
        ["UBLK_PARAM_TYPE_DMA_ALIGN"] = "1 << 4",
        ["UBLK_PARAM_TYPE_SEGMENT"] = "1 << 5",
        ["UBLK_PARAM_TYPE_INTEGRITY"] = "1 << 6",

        ["UBLK_AUTO_BUF_REG_FALLBACK"] = "1",
        ["UBLK_MAX_NR_QUEUES"] = "4096",
        ["UBLK_IO_BUF_BITS"] = "25",
        ["UBLK_TAG_BITS"] = "16",
        ["UBLK_TAG_OFF"] = "25",
        ["UBLK_QID_OFF"] = "41",
        ["UBLKSRV_IO_INTEGRITY_FLAG"] = "1ULL << 62",
    };

    public static IEnumerable<(string Name, string Value)> All =>
        Enums().Concat(Fields()).Concat(ByArchitecture()).DistinctBy(c => c.Name);

    /// <summary>The header's value where it has one, else the table's, and both where the header is newer than 6.1.</summary>
    public static IEnumerable<string> Assertions()
    {
        foreach ((string name, string value) in All)
        {
            if (!NotIn61.TryGetValue(name, out string? expression))
            {
                yield return Assertion(name, name, value);
                continue;
            }

            yield return Assertion(name, $"({expression})", value);
            yield return $"#ifdef {name}\n{Assertion(name, name, value)}\n#endif";
        }
    }

    private static string Assertion(string name, string expression, string value) =>
        $"_Static_assert((unsigned long long)({expression}) == (unsigned long long)({value}), \"{name}: {value} here\");";

    private static IEnumerable<(string Name, string Value)> Enums() =>
        from type in typeof(Libc).Assembly.GetExportedTypes()
        where type.IsEnum
        from name in Enum.GetNames(type)
        where name != "NONE"
        let value = Convert.ToUInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)
        select (s_prefixOfEnum[type] + name, $"{value}ULL");

    private static IEnumerable<(string Name, string Value)> Fields() =>
        from type in typeof(Libc).Assembly.GetExportedTypes()
        where !type.IsEnum
        from field in type.GetFields(BindingFlags.Public | BindingFlags.Static)
        where field.IsLiteral && KernelName().IsMatch(field.Name)
        select (field.Name, Literal(field.GetRawConstantValue()!));

    private static IEnumerable<(string Name, string Value)> ByArchitecture() =>
        from property in typeof(Fcntl).GetProperties(BindingFlags.Public | BindingFlags.Static)
        select (property.Name, Literal(property.GetValue(null)!));

    private static string Literal(object value) => value is ulong or uint ? $"{value}ULL" : $"{value}LL";

    [GeneratedRegex("^_?(SYS_[a-z_]+|[A-Z][A-Z0-9_]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KernelName();
}
