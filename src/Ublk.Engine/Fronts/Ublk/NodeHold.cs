using System.Diagnostics;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// An exclusive claim on one of our own nodes, held by a helper process, since the daemon never opens its own devices. [C] The helper
/// ends when its input does, so also when the daemon dies.
/// </summary>
sealed class NodeHold : IAsyncDisposable
{
    static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);

    readonly Process _helper;

    NodeHold(Process helper) => _helper = helper;

    /// <exception cref="BackingException">Somebody has the node, or it cannot be told in time.</exception>
    public static async Task<NodeHold> TakeAsync(string program, string node, DeviceNumber number, TimeSpan limit, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, [HelperVerb.HoldExclusive, node])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process helper = Process.Start(start)!;
        var hold = new NodeHold(helper);
        try
        {
            if (await helper.StandardOutput.ReadLineAsync(ct).AsTask().WaitAsync(limit, ct) == "held")
                return hold;
        }
        catch (TimeoutException)
        {
            await hold.DisposeAsync();
            throw new BackingException($"{node} could not be claimed within {limit.TotalSeconds:0} s; is it stuck?");
        }
        catch (OperationCanceledException)
        {
            await hold.DisposeAsync();
            throw;
        }
        await hold.DisposeAsync();
        throw new BackingException($"{node} is {Holders.InKernel(number) ?? "in use by another process"}; close it there first");
    }

    /// <summary>Lets the node go; when this is done nobody holds it.</summary>
    public async ValueTask DisposeAsync()
    {
        _helper.StandardInput.Close();
        try
        {
            await _helper.WaitForExitAsync().WaitAsync(s_endLimit);
        }
        catch (TimeoutException)
        {
            _helper.Kill();
        }
        _helper.Dispose();
    }
}
