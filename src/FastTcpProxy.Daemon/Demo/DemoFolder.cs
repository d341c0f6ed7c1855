using System.ComponentModel;
using System.Diagnostics;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// The folder of the demo's socket. However the demo ends, by kill -9 too, a shell that waits for the end of a pipe then deletes it, and
/// ends as well. Used by the main thread. It owns the folder and the shell.
/// </summary>
internal sealed class DemoFolder : IDisposable
{
    /// <summary>
    /// What a terminal sends to all of its processes must not end the shell before it has deleted the folder. The demo says nothing into
    /// the pipe, so the read ends with the demo.
    /// </summary>
    private const string Script = """trap '' HUP INT QUIT TERM; read -r line; rm -rf -- "$1" """;

    /// <summary>A shell that does not end in this time is left alone: the folder is deleted without it.</summary>
    private const int EndWaitMs = 5_000;

    private readonly Process? _shell;

    public DemoFolder()
    {
        Path = Directory.CreateTempSubdirectory("fasttcpproxy-").FullName;
        try
        {
            // Nothing of it is the terminal: the runtime would change the terminal's settings for a child that uses it.
            _shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", Path])
            {
                WorkingDirectory = "/",
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
        }
        catch (Win32Exception)
        {
            // No shell here: the folder is deleted below, unless the demo is killed.
        }
    }

    public string Path { get; }

    public void Dispose()
    {
        if (_shell is not null)
        {
            _shell.StandardInput.Close();
            _shell.WaitForExit(EndWaitMs);
            _shell.Dispose();
        }
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
