using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>
/// A file system in memory with little room. It takes root; without that the test is skipped. One test; it owns the mount.
/// </summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly string _folder;

    private TinyDisk(string folder) => _folder = folder;

    public static async Task<TinyDisk> MountAsync(string folder, int kilobytes)
    {
        ProcessResult mounted =
            await ChildProcess.RunAsync("/bin/mount", ["-t", "tmpfs", "-o", $"size={kilobytes}k,mode=0700", "tmpfs", folder]);
        Assert.SkipUnless(mounted.ExitCode == 0, $"a file system can be mounted by root only: {mounted.Error}");
        return new TinyDisk(folder);
    }

    public async Task MakeReadOnlyAsync() =>
        Assert.Equal(0, (await ChildProcess.RunAsync("/bin/mount", ["-o", "remount,ro", _folder])).ExitCode);

    public void Dispose() => ChildProcess.RunAsync("/bin/umount", [_folder]).GetAwaiter().GetResult();
}
