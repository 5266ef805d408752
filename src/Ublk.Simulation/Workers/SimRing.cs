using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>Takes I/O into the run's list of what is in flight; the run completes it whenever the seed says.</summary>
sealed class SimRing(Simulation simulation, SimWorker worker) : Ring
{
    public override long NowNs => simulation.Time.NowNs;

    public override void Submit(Request request, LeafDevice device)
    {
        if (Worker.Current != worker)
            simulation.Fail($"a request was given to the ring of worker {worker.Index} on worker {Worker.Current.Index}");
        if (request.Data.IsInKernel && Buffers[request.Data.BufferIndex] is var (front, _) && (((SimFront)front).Worker != worker || request.Data.IsUnregistered))
            simulation.Fail($"a {request.Op} reached the ring of worker {worker.Index} with bytes that are not registered there");
        simulation.AddIo(SimIo.Of(worker, request, (SimDisk)device));
    }
}
