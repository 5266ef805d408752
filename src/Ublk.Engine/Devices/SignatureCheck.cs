using System.Diagnostics;
using System.Globalization;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// What a device holds, by the signatures that the program <c>blkid</c> of util-linux knows: file systems, partition tables, RAID and LVM members, encryption,
/// swap. [C] They are at the start or the end of a device. Those parts are read as everything is read here, and blkid gets them in a sparse copy in memory:
/// it never opens a device, so it cannot wait for one of ours, nor for a disk that hangs, and what has no node is looked at too.
/// </summary>
static class SignatureCheck
{
    /// <summary>btrfs is at 64 KiB, ZFS's second label ends at 512 KiB, UDF and VMFS are at 1 and 2 MiB.</summary>
    const ulong StartBytes = 4 << 20;

    /// <summary>GPT, md 0.90 and 1.0, ZFS's last labels and the RAIDs of mainboards.</summary>
    const ulong EndBytes = 1 << 20;

    const int PieceBytes = 1 << 20;
    const int NothingFound = 2;
    const int SeveralFound = 8;

    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    static readonly string[] s_folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>What it is, for people (<c>btrfs</c>, <c>a partition table (gpt)</c>); null: nothing that has a signature.</summary>
    /// <exception cref="BackingException">It cannot be told.</exception>
    public static Task<string?> FindAsync(BackingDevice device, CancellationToken ct) => FindAsync(device, s_folders, ct);

    /// <summary>For tests.</summary>
    internal static async Task<string?> FindAsync(BackingDevice device, string[] folders, CancellationToken ct)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limited.CancelAfter(s_limit);
        Task<SparseCopy> making = SparseCopy.MakeAsync(device, limited.Token);
        try
        {
            using SparseCopy copy = await making.WaitAsync(limited.Token);
            // blkid could see nothing but these zeroes: what is known to be blank needs no blkid.
            if (copy.IsBlank)
                return null;
            string program = folders.Select(folder => $"{folder}/blkid").FirstOrDefault(File.Exists)
                ?? throw new BackingException("would be overwritten, and without the program blkid nobody can see whether it holds something; install "
                    + "util-linux, or use --force if nobody needs what it holds");
            return await ProbeAsync(program, copy.Path(), limited.Token)
                ?? (copy.EndsWithGpt ? "the second copy of a partition table (gpt)" : null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new BackingException($"could not be looked at within {s_limit.TotalSeconds:0} s; is its disk stuck?");
        }
        finally
        {
            // A read that hangs cannot be called back; the copy goes when it ends.
            if (!making.IsCompleted)
                _ = making.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    static async Task<string?> ProbeAsync(string program, string path, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, ["-p", "-o", "export", path])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(ct);
            string output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return process.ExitCode switch
            {
                0 => Describe(output),
                NothingFound => null,
                SeveralFound => "signatures of several kinds",
                _ => throw new BackingException($"could not be looked at: blkid ended with {process.ExitCode}: {(await error).Trim()}"),
            };
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Lines of NAME=VALUE.</summary>
    static string? Describe(string output)
    {
        string? type = Value("TYPE"), table = Value("PTTYPE");
        return type ?? (table is null ? null : $"a partition table ({table})");

        string? Value(string name) =>
            output.Split('\n').FirstOrDefault(line => line.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    /// <summary>A file in memory, as long as the device, that has its start and its end.</summary>
    sealed class SparseCopy : IDisposable
    {
        readonly int _fd = Libc.memfd_create("signatures", Mman.MFD_CLOEXEC);

        /// <summary>blkid believes GPT's copy in the last block only where the first one's block is in order.</summary>
        public bool EndsWithGpt { get; private set; }

        /// <summary>It holds nothing but zeroes.</summary>
        public bool IsBlank { get; private set; } = true;

        /// <summary>
        /// For any process of this user that has our root folder. /proc may belong to another PID namespace, in which we have another number; and blkid says
        /// "nothing found" of a path that it cannot open too. So the path is proven to be this copy.
        /// </summary>
        public string Path()
        {
            string? self = Directory.Exists("/proc/self") ? File.ResolveLinkTarget("/proc/self", returnFinalTarget: false)?.Name : null;
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{self}/fd/{_fd}");
            return IsThis(path) ? path : throw new BackingException($"could not be looked at: {path} is not this process's file; mount /proc of its PID namespace");
        }

        unsafe bool IsThis(string path)
        {
            Statx there, here;
            return Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_BASIC_STATS, &there) == 0
                && Libc.statx(_fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS, &here) == 0
                && StorageIdentity.Of(in there) == StorageIdentity.Of(in here);
        }

        public static async Task<SparseCopy> MakeAsync(BackingDevice device, CancellationToken ct)
        {
            var copy = new SparseCopy();
            try
            {
                ulong bytes = device.SectorCount << Sectors.Shift;
                if (copy._fd < 0 || Libc.ftruncate(copy._fd, (long)bytes) != 0)
                    throw new BackingException($"could not be looked at: no memory: {ErrnoName.Describe(Libc.Errno)}");
                uint block = Math.Max(device.Limits.LogicalBlockBytes, Sectors.Bytes);
                ulong whole = bytes / block * block, startEnd = Math.Min(StartBytes, whole);
                await copy.FillAsync(device, 0, startEnd, ct);
                await copy.FillAsync(device, Math.Max(startEnd, (whole - Math.Min(EndBytes, whole)) / block * block), whole, ct);
                return copy;
            }
            catch
            {
                copy.Dispose();
                throw;
            }
        }

        public void Dispose() => _ = Libc.close(_fd);

        async Task FillAsync(BackingDevice device, ulong from, ulong to, CancellationToken ct)
        {
            uint block = Math.Max(device.Limits.LogicalBlockBytes, Sectors.Bytes);
            byte[] piece = new byte[PieceBytes];
            for (ulong at = from; at < to; at += PieceBytes)
            {
                ct.ThrowIfCancellationRequested();
                Memory<byte> part = piece.AsMemory(0, (int)Math.Min(PieceBytes, to - at));
                if (await device.ReadAsync(at >> Sectors.Shift, part) is not Errno.None and var error)
                    throw new BackingException($"cannot be read at sector {at >> Sectors.Shift}, to see whether it holds something: {error}");
                if (at + (ulong)part.Length == to)
                    EndsWithGpt = part.Span[^(int)Math.Min((uint)part.Length, block)..].StartsWith("EFI PART"u8);
                if (!part.Span.ContainsAnyExcept((byte)0))
                    continue;
                IsBlank = false;
                if (!Write(part.Span, (long)at))
                    throw new BackingException($"could not be looked at: no memory: {ErrnoName.Describe(Libc.Errno)}");
            }
        }

        unsafe bool Write(ReadOnlySpan<byte> part, long at)
        {
            fixed (byte* bytes = part)
                return Libc.pwrite(_fd, bytes, (nuint)part.Length, at) == part.Length;
        }
    }
}
