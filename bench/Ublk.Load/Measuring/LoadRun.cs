using System.Diagnostics;
using Ublk.Engine;

namespace Ublk.Load;

/// <summary>Runs a workload, once. [C]</summary>
static class LoadRun
{
    /// <summary>Into the top of a stack.</summary>
    public static async Task<Measurement> IntoStackAsync(IReadOnlyList<NamedTable> devices, int layers, Workload workload, CancellationToken ct)
    {
        await using LoadStack stack = await LoadStack.BuildAsync(devices, layers, workload.Workers, ct);
        CheckBlock(workload, stack.Top);
        Meter[] meters = Meters(workload);
        LoadFront[] fronts =
        [
            .. stack.Workers.Select((worker, i) => new LoadFront(worker, stack.Top, workload, new Blocks(workload, stack.Top.SectorCount, i), meters[i])),
        ];
        try
        {
            await FinishAsync([.. fronts.Select((front, i) => stack.Workers[i].InvokeAsync(front.Run).AsTask())], meters, ct);
        }
        finally
        {
            foreach (LoadFront front in fronts)
                front.Dispose();
        }
        return Measurement.Of(devices[^1].Table, layers, workload, meters);
    }

    /// <summary>Onto a file or disk, without the engine.</summary>
    public static async Task<Measurement> OntoFileAsync(string path, Workload workload, CancellationToken ct)
    {
        var leaves = new FileLeaves();
        LeafDevice file;
        try
        {
            (file, _) = await leaves.AcquireAsync(path, leaves, null, _ => false, ct);
        }
        catch (BackingException e)
        {
            throw new LoadException($"{path}: {e.Message}");
        }
        try
        {
            CheckBlock(workload, file);
            Meter[] meters = Meters(workload);
            RawLoop[] loops = [.. meters.Select((meter, i) => new RawLoop((FileDevice)file, workload, new Blocks(workload, file.SectorCount, i), meter))];
            await FinishAsync(
                [.. loops.Select(loop => Task.Factory.StartNew(loop.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))], meters, ct);
            return Measurement.Of($"io_uring on {path}", 0, workload, meters);
        }
        finally
        {
            leaves.Release(file, delete: false);
        }
    }

    static Meter[] Meters(Workload workload)
    {
        long origin = Stopwatch.GetTimestamp();
        return [.. Enumerable.Range(0, workload.Workers).Select(_ => new Meter(workload, origin))];
    }

    static void CheckBlock(Workload workload, BackingDevice device)
    {
        if (workload.BlockBytes % device.Limits.LogicalBlockBytes != 0)
            throw new LoadException($"--block-size {workload.BlockBytes} is no multiple of {device.Limits.LogicalBlockBytes}, the device's logical block");
    }

    static async Task FinishAsync(Task<Errno>[] loops, Meter[] meters, CancellationToken ct)
    {
        await using CancellationTokenRegistration cancelled = ct.Register(() => Array.ForEach(meters, meter => meter.Cancel()));
        Errno[] errors = await Task.WhenAll(loops);
        ct.ThrowIfCancellationRequested();
        if (Array.Find(errors, error => error != Errno.None) is not Errno.None and var failed)
            throw new LoadException($"a request failed: {failed}");
    }
}
