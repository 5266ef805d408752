using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>
/// One run: the real dispatcher, targets and control plane on one thread, where a seed says what happens next. The same seed gives the
/// same run. A script (ordinary async code) plays the control plane; its awaits are steps of the run too.
/// </summary>
public sealed partial class Simulation
{
    /// <summary>Far more than any run needs: one that gets here goes round in circles.</summary>
    const long TurnLimit = 5_000_000;

    readonly Temper _temper;
    readonly ControlContext _context;
    readonly int _thread = Environment.CurrentManagedThreadId;
    readonly List<(SimWorker Worker, IoStep Step)> _steps = [];
    readonly List<(SendOrPostCallback Callback, object? State)> _control = [];
    readonly List<SimIo> _inFlight = [];
    readonly List<SimFront> _fronts = [];
    readonly List<(Func<bool> Condition, TaskCompletionSource Reached)> _conditions = [];
    readonly List<(long Turn, TaskCompletionSource Reached)> _turnWaits = [];
    readonly List<SimHost> _hosts = [];
    string? _failure;
    long _turn;

    /// <summary>A run that has not begun.</summary>
    public Simulation(ulong seed, bool keepsWords = false)
    {
        Seed = seed;
        Prng = new Prng(seed);
        Trace = new Trace(keepsWords);
        _temper = new Temper(Prng);
        _context = new ControlContext(PostControl);
        Time = new SimTime(_context);
        Disks = new SimLeaves(this);
    }

    /// <summary>A run on disks as a crash may leave those of another; what happens in it is a part of that one's history.</summary>
    Simulation(Simulation other, CrashState state)
    {
        Seed = other.Seed;
        Prng = new Prng(other.Prng.Next());
        Trace = other.Trace;
        InjectedErrors = other.InjectedErrors;
        _temper = new Temper(Prng);
        _context = new ControlContext(PostControl);
        Time = new SimTime(_context);
        Disks = new SimLeaves(this);
        foreach (SimDisk disk in other.Disks.All)
            Disks.Add(disk.Copy(this));
        state.PutOn(Disks);
    }

    /// <summary>What the run follows from.</summary>
    public ulong Seed { get; }

    /// <summary>The run's chance; scripts draw from it too.</summary>
    public Prng Prng { get; }

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>The run's clock.</summary>
    public SimTime Time { get; }

    /// <summary>The disks; they outlive a crash.</summary>
    public SimLeaves Disks { get; }

    /// <summary>Errors that disks gave on purpose in this run.</summary>
    public int InjectedErrors { get; private set; }

    /// <summary>I/Os in flight.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>A planted bug of the ring: now and then a completion comes twice.</summary>
    public bool RepeatsCompletions { get; set; }

    /// <summary>Notes what is wrong; the run ends at the next turn.</summary>
    public void Fail(string why) => _failure ??= why;

    /// <summary>Runs a script to its end, and everything that is under way with it.</summary>
    /// <exception cref="SimulationFailedException">Something is wrong.</exception>
    public void Run(Func<Task> script)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        while (IoLoop.Pop() is not null)
        {
            // left behind by a run on this thread that failed
        }
        try
        {
            Task? done = null;
            PostControl(_ => done = script(), null);
            while (done is not { IsCompleted: true } || HasSteps)
                Turn();
            if (done.Exception is { } error)
                throw new SimulationFailedException($"the script failed: {error.InnerException!.Message}", error.InnerException);
            if (_fronts.Sum(front => front.Busy) is > 0 and var unanswered)
                Fail($"{unanswered} requests were never answered");
            if (_failure is not null)
                throw new SimulationFailedException(_failure);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            foreach (SimFront front in _fronts)
                front.Dispose();
        }
    }

    /// <summary>A process: workers, target types of its own, and a device mapper over this run's disks.</summary>
    public SimHost Boot(int workerCount, params IEnumerable<TargetType> types)
    {
        var host = new SimHost(this, workerCount, types);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Goes on after some turns.</summary>
    public Task TurnsAsync(int turns)
    {
        var reached = new TaskCompletionSource();
        _turnWaits.Add((_turn + turns, reached));
        return reached.Task;
    }

    /// <summary>Goes on as soon as a condition holds.</summary>
    public Task UntilAsync(Func<bool> condition)
    {
        var reached = new TaskCompletionSource();
        _conditions.Add((condition, reached));
        return reached.Task;
    }

    internal void AddStep(SimWorker worker, IoStep step) => _steps.Add((worker, step));

    internal void Attach(SimFront front) => _fronts.Add(front);

    /// <summary>A device's fronts issue nothing more; done when everything was answered.</summary>
    internal Task DetachAsync(StackedDevice device)
    {
        SimFront[] fronts = [.. _fronts.Where(front => front.Device == device)];
        foreach (SimFront front in fronts)
            front.Load.Stop();
        return UntilAsync(() => Array.TrueForAll(fronts, front => front.Busy == 0));
    }

    internal void AddIo(SimIo io)
    {
        Trace.Note(io.Op.ToString(), io.Disk.Name, io.Sector, io.SectorCount, (ulong)io.Flags);
        if (io.Fault() is { } fault)
            Fail($"{io} {fault}");
        io.Disk.Submitted++;
        if (io.IsWrite)
            io.Disk.SubmittedWrites++;
        _inFlight.Add(io);
    }

    internal IEnumerable<SimIo> InFlightWrites(SimDisk disk) => _inFlight.Where(io => io.Disk == disk && io.IsWrite);

    void PostControl(SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            Environment.FailFast($"seed {Seed}: the control plane left the simulation's thread");
        _control.Add((callback, state));
    }

    bool HasSteps => _steps.Count > 0 || _control.Count > 0 || _inFlight.Count > 0;
}
