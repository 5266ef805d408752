using Ublk.Control;
using Ublk.Host.Setup;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Setup;

public sealed class FolderLockTests
{
    [Fact]
    public void A_folder_has_one_daemon_at_a_time()
    {
        using var folder = new TempFolder();
        var paths = new ControlPaths(folder["control.sock"]);

        using (FolderLock.Take(paths))
        {
            var e = Assert.Throws<AlreadyRunningException>(() => FolderLock.Take(paths));
            Assert.Equal($"another ublk-dmd holds {folder.Path}", e.Message);
            Assert.Equal(Environment.ProcessId, DaemonProcess.HolderOf(paths));
        }

        FolderLock.Take(paths).Dispose();
    }
}
