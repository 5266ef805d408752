namespace Ublk.Interop.Tests;

/// <summary>Every struct of the assembly, by its name in C, with what headers newer than 6.1 brought.</summary>
internal static class CStructs
{
    public static CStruct[] All { get; } =
    [
        new(typeof(Statx), "statx"),
        new(typeof(StatxTimestamp), "statx_timestamp"),
        new(typeof(Statfs), "statfs"),
        new(typeof(Iovec), "iovec"),
        new(typeof(KernelTimespec), "__kernel_timespec"),
        new(typeof(IoUringSqe), "io_uring_sqe"),
        new(typeof(IoUringCqe), "io_uring_cqe"),
        new(typeof(IoUringParams), "io_uring_params"),
        new(typeof(SqringOffsets), "io_sqring_offsets") { Later = [new("UserAddr", new(6, 5), "resv2")] },
        new(typeof(CqringOffsets), "io_cqring_offsets") { Later = [new("UserAddr", new(6, 5), "resv2")] },
        new(typeof(IoUringGeteventsArg), "io_uring_getevents_arg") { Later = [new("MinWaitUsec", new(6, 12), "pad")] },
        new(typeof(IoUringRsrcRegister), "io_uring_rsrc_register"),
        new(typeof(IoUringRsrcUpdate), "io_uring_rsrc_update"),
        new(typeof(IoUringRsrcUpdate2), "io_uring_rsrc_update2"),
        new(typeof(UblksrvCtrlCmd), "ublksrv_ctrl_cmd")
        {
            Later = [new("Data", new(99, 0), "data[0]"), new("DevPathLen", new(6, 3)), new("Pad", new(6, 3)), new("Reserved", new(6, 3))],
        },
        new(typeof(UblksrvCtrlDevInfo), "ublksrv_ctrl_dev_info") { Later = [new("OwnerUid", new(6, 3)), new("OwnerGid", new(6, 3))] },
        new(typeof(UblksrvIoDesc), "ublksrv_io_desc"),
        new(typeof(UblksrvIoCmd), "ublksrv_io_cmd"),
        new(typeof(UblkParams), "ublk_params")
        {
            SizeSince = new(7, 0),
            Later =
            [
                new("Devt", new(6, 3)),
                new("Zoned", new(6, 6)),
                new("Dma", new(6, 15)),
                new("Seg", new(6, 15)),
                new("Integrity", new(7, 0)),
            ],
        },
        new(typeof(UblkParamBasic), "ublk_param_basic"),
        new(typeof(UblkParamDiscard), "ublk_param_discard"),
        new(typeof(UblkParamDevt), "ublk_param_devt") { Since = new(6, 3) },
        new(typeof(UblkParamZoned), "ublk_param_zoned") { Since = new(6, 6) },
        new(typeof(UblkParamDmaAlign), "ublk_param_dma_align") { Since = new(6, 15) },
        new(typeof(UblkParamSegment), "ublk_param_segment") { Since = new(6, 15) },
        new(typeof(UblkParamIntegrity), "ublk_param_integrity") { Since = new(7, 0) },
    ];

    /// <summary>
    /// The ublk structs as the protocol sheet notes them (name offset:size), taken from the sources of 7.2: for what the headers
    /// here are too old to have.
    /// </summary>
    public static Dictionary<Type, (int Size, string Fields)> ProtocolSheet { get; } = new()
    {
        [typeof(UblksrvCtrlCmd)] = (32, "dev_id 0:4, queue_id 4:2, len 6:2, addr 8:8, data 16:8, dev_path_len 24:2, pad 26:2, reserved 28:4"),
        [typeof(UblksrvCtrlDevInfo)] = (64, "nr_hw_queues 0:2, queue_depth 2:2, state 4:2, pad0 6:2, max_io_buf_bytes 8:4, dev_id 12:4, "
            + "ublksrv_pid 16:4, pad1 20:4, flags 24:8, ublksrv_flags 32:8, owner_uid 40:4, owner_gid 44:4, reserved1 48:8, reserved2 56:8"),
        [typeof(UblkParams)] = (152, "len 0:4, types 4:4, basic 8:32, discard 40:20, devt 60:16, zoned 76:32, dma 108:8, seg 120:16, "
            + "integrity 136:16"),
        [typeof(UblkParamBasic)] = (32, "attrs 0:4, logical_bs_shift 4:1, physical_bs_shift 5:1, io_opt_shift 6:1, io_min_shift 7:1, "
            + "max_sectors 8:4, chunk_sectors 12:4, dev_sectors 16:8, virt_boundary_mask 24:8"),
        [typeof(UblkParamDiscard)] = (20, "discard_alignment 0:4, discard_granularity 4:4, max_discard_sectors 8:4, "
            + "max_write_zeroes_sectors 12:4, max_discard_segments 16:2, reserved0 18:2"),
        [typeof(UblkParamDevt)] = (16, "char_major 0:4, char_minor 4:4, disk_major 8:4, disk_minor 12:4"),
        [typeof(UblkParamZoned)] = (32, "max_open_zones 0:4, max_active_zones 4:4, max_zone_append_sectors 8:4, reserved 12:20"),
        [typeof(UblkParamDmaAlign)] = (8, "alignment 0:4, pad 4:4"),
        [typeof(UblkParamSegment)] = (16, "seg_boundary_mask 0:8, max_segment_size 8:4, max_segments 12:2, pad 14:2"),
        [typeof(UblkParamIntegrity)] = (16, "flags 0:4, max_integrity_segments 4:2, interval_exp 6:1, metadata_size 7:1, pi_offset 8:1, "
            + "csum_type 9:1, tag_size 10:1, pad 11:5"),
        [typeof(UblksrvIoDesc)] = (24, "op_flags 0:4, nr_sectors 4:4, start_sector 8:8, addr 16:8"),
        [typeof(UblksrvIoCmd)] = (16, "q_id 0:2, tag 2:2, result 4:4, addr 8:8"),
    };
}
