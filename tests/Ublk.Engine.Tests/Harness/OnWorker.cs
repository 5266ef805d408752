using System.Runtime.ExceptionServices;

namespace Ublk.Engine.Tests;

/// <summary>Runs a test's body as a worker without a ring, on a thread of its own: what a worker's thread keeps does not leak into the next test.</summary>
sealed class OnWorker : Worker
{
    OnWorker()
        : base(0) => BecomeCurrent();

    public override Ring Ring => throw new NotSupportedException("no ring here");

    public static void Run(Action<Worker> body)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                body(new OnWorker());
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    public override void Post(IoStep step) => Mailbox.Push(step);
}
