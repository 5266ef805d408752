using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// One of our own devices, or a pool, as a backing device of another: its requests enter the next layer without leaving the process.
/// Has one <see cref="Layer"/> for each worker.
/// </summary>
public sealed class StackedDevice : BackingDevice
{
    static readonly TimeSpan s_controlLimit = TimeSpan.FromSeconds(30);

    readonly Layer[] _layers;
    readonly TimeProvider _time;

    /// <summary>A device without a table on these workers; the clock is that of the control plane.</summary>
    public StackedDevice(string name, IReadOnlyList<Worker> workers, TimeProvider time)
    {
        Name = name;
        _time = time;
        _layers = [.. workers.Select(worker => new Layer(worker))];
    }

    /// <summary>The device's name.</summary>
    public string Name { get; }

    /// <summary>What the live table gives; set by the control plane while the device holds its requests.</summary>
    public StackShape Shape { get; internal set; } = StackShape.Empty;

    /// <inheritdoc/>
    public override ulong SectorCount => Pool?.SectorCount ?? Shape.SectorCount;

    /// <inheritdoc/>
    public override BlockOps Ops => Shape.Ops;

    /// <inheritdoc/>
    public override BlockLimits Limits => Shape.Limits;

    /// <inheritdoc/>
    public override string AccessMode => Pool?.AccessMode ?? "in-process";

    /// <inheritdoc/>
    /// <remarks>A device of ours keeps its size for its life; what lies on something below that has shrunk fails with EIO.</remarks>
    public override bool HasShrunk => Pool?.HasShrunk ?? false;

    /// <inheritdoc/>
    public override bool IsSparse => Pool?.IsSparse ?? false;

    /// <inheritdoc/>
    public override ulong MissingSectors => Pool?.MissingSectors ?? 0;

    /// <inheritdoc/>
    public override ValueTask<ulong> MissingSectorsAsync() => Pool?.MissingSectorsAsync() ?? base.MissingSectorsAsync();

    /// <inheritdoc/>
    public override ValueTask<Errno> AllocateAsync(ulong sector, ulong sectorCount) =>
        Pool?.AllocateAsync(sector, sectorCount) ?? base.AllocateAsync(sector, sectorCount);

    /// <summary>The pool that it is, if it is one.</summary>
    internal Pool? Pool { get; init; }

    /// <summary>Its <c>major:minor</c> once the node exists, else its path.</summary>
    public string Number { get; internal set; } = "";

    /// <summary>It is being removed or gone; guarded by <see cref="Claims"/>.</summary>
    internal bool IsRetired { get; set; }

    /// <summary>The layers, one for each worker, in the workers' order.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>The layer of one worker.</summary>
    public Layer LayerOn(Worker worker) => _layers[worker.Index];

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into) => ControlAsync(BlockOp.Read, sector, into, BlockFlags.None);

    /// <inheritdoc/>
    public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags) =>
        ControlAsync(BlockOp.Write, sector, System.Runtime.InteropServices.MemoryMarshal.AsMemory(from), flags);

    /// <inheritdoc/>
    public override string Word => Pool?.Word ?? (Number.Length > 0 ? Number : ToString());

    /// <inheritdoc/>
    public override string ToString() => Pool?.ToString() ?? $"{OwnNodes.LinkFolder}/{Name}";

    /// <summary>Control-plane I/O goes the way every request goes, from the first worker, in pieces through pinned memory.</summary>
    async ValueTask<Errno> ControlAsync(BlockOp op, ulong sector, Memory<byte> bytes, BlockFlags flags)
    {
        Worker worker = _layers[0].Worker;
        var buffer = new NativeBuffer(Math.Min(bytes.Length, 1 << 20));
        Task<Errno> step = Task.FromResult(Errno.None);
        for (int done = 0; done < bytes.Length;)
        {
            int count = Math.Min(buffer.ByteCount, bytes.Length - done);
            ulong at = sector + (ulong)(done >> Sectors.Shift);
            if (op == BlockOp.Write)
                bytes.Span.Slice(done, count).CopyTo(buffer.Span);
            IoBytes window = new(buffer.Address, -1, 0, count);
            step = worker.InvokeAsync(() => worker.Start(op, flags, this, at, (ulong)(count >> Sectors.Shift), window)).AsTask();
            Errno error = await WithinLimitAsync(step);
            if (error == Errno.TimedOut && !step.IsCompleted)
            {
                _ = step.ContinueWith(_ => buffer.Dispose(), TaskScheduler.Default);     // the device below still has it
                return error;
            }
            if (error != Errno.None)
            {
                buffer.Dispose();
                return error;
            }
            if (op == BlockOp.Read)
                buffer.Span[..count].CopyTo(bytes.Span[done..]);
            done += count;
        }
        buffer.Dispose();
        return Errno.None;
    }

    /// <summary>A device that is suspended meanwhile, or stuck below, must not hold up whoever loads a table onto it for ever.</summary>
    async Task<Errno> WithinLimitAsync(Task<Errno> step)
    {
        try
        {
            return await step.WaitAsync(s_controlLimit, _time);
        }
        catch (TimeoutException)
        {
            return Errno.TimedOut;
        }
    }
}
