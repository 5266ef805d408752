namespace Ublk.Interop;

/// <summary>
/// Control commands on <c>/dev/ublk-control</c>: cmd_op of a URING_CMD in a 128-byte submission, payload
/// <see cref="UblksrvCtrlCmd"/> (linux/ublk_cmd.h). Encoded ones are _IOR or _IOWR('u', nr, 32 bytes), Linux 6.4.
/// </summary>
public static class UblkCtrl
{
    public const uint UBLK_U_CMD_GET_QUEUE_AFFINITY = 0x80207501;
    public const uint UBLK_U_CMD_GET_DEV_INFO = 0x80207502;
    public const uint UBLK_U_CMD_ADD_DEV = 0xC0207504;
    public const uint UBLK_U_CMD_DEL_DEV = 0xC0207505;
    public const uint UBLK_U_CMD_START_DEV = 0xC0207506;
    public const uint UBLK_U_CMD_STOP_DEV = 0xC0207507;
    public const uint UBLK_U_CMD_SET_PARAMS = 0xC0207508;
    public const uint UBLK_U_CMD_GET_PARAMS = 0x80207509;
    public const uint UBLK_U_CMD_START_USER_RECOVERY = 0xC0207510;
    public const uint UBLK_U_CMD_END_USER_RECOVERY = 0xC0207511;
    public const uint UBLK_U_CMD_GET_DEV_INFO2 = 0x80207512;

    /// <summary>6.5; -ENODEV from older kernels. Has no legacy number.</summary>
    public const uint UBLK_U_CMD_GET_FEATURES = 0x80207513;

    /// <summary>6.9, no feature bit.</summary>
    public const uint UBLK_U_CMD_DEL_DEV_ASYNC = 0x80207514;
    public const uint UBLK_U_CMD_UPDATE_SIZE = 0xC0207515;
    public const uint UBLK_U_CMD_QUIESCE_DEV = 0xC0207516;
    public const uint UBLK_U_CMD_TRY_STOP_DEV = 0xC0207517;
    public const uint UBLK_U_CMD_REG_BUF = 0xC0207518;
    public const uint UBLK_U_CMD_UNREG_BUF = 0xC0207519;

    // The only numbers of 6.1 to 6.3; later with CONFIG_BLKDEV_UBLK_LEGACY_OPCODES, else -EOPNOTSUPP.
    public const uint UBLK_CMD_GET_QUEUE_AFFINITY = 0x01;
    public const uint UBLK_CMD_GET_DEV_INFO = 0x02;
    public const uint UBLK_CMD_ADD_DEV = 0x04;
    public const uint UBLK_CMD_DEL_DEV = 0x05;
    public const uint UBLK_CMD_START_DEV = 0x06;
    public const uint UBLK_CMD_STOP_DEV = 0x07;
    public const uint UBLK_CMD_SET_PARAMS = 0x08;
    public const uint UBLK_CMD_GET_PARAMS = 0x09;
    public const uint UBLK_CMD_START_USER_RECOVERY = 0x10;
    public const uint UBLK_CMD_END_USER_RECOVERY = 0x11;
    public const uint UBLK_CMD_GET_DEV_INFO2 = 0x12;

    /// <summary>dev_id of ADD_DEV: the driver chooses.</summary>
    public const uint NewDevId = 0xFFFFFFFF;

    /// <summary>queue_id of a command that is not about a queue.</summary>
    public const ushort NoQueue = 0xFFFF;

    /// <summary>The legacy number in an encoded command: its low byte.</summary>
    public static uint Legacy(uint encoded) => encoded & 0xFF;
}
