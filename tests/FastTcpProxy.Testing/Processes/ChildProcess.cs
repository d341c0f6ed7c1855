using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// A real program in the foreground, with its output captured, that takes signals and can be looked into through /proc.
/// Any thread may use it. It owns the process and all its children: dispose kills the whole tree, so nothing outlives the test.
/// </summary>
public sealed partial class ChildProcess : IDisposable
{
    private readonly Process _process;
    private bool _isDisposed;

    private ChildProcess(Process process, bool keepInput)
    {
        _process = process;
        Id = process.Id;
        Output = new CapturedLines(process.StandardOutput);
        Error = new CapturedLines(process.StandardError);
        // A program that reads its standard input gets the end of it, not the terminal on which the tests run.
        if (!keepInput)
            process.StandardInput.Close();
    }

    public int Id { get; }

    public CapturedLines Output { get; }

    public CapturedLines Error { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The exit code.</summary>
    /// <exception cref="InvalidOperationException">The process still runs.</exception>
    public int ExitCode => _process.ExitCode;

    /// <summary>The open descriptors, as /proc/PID/fd counts them.</summary>
    public int DescriptorCount => Directory.GetFileSystemEntries($"/proc/{Id}/fd").Length;

    /// <summary>
    /// The open sockets. A program's other descriptors can grow once by a library that it loads late; its sockets come and go with its
    /// work.
    /// </summary>
    /// <remarks>Without those that rest until the next connect: they have no address, so the kernel's tables do not list them.</remarks>
    public int SocketCount
    {
        get
        {
            HashSet<string> listed = [.. Inodes("tcp", 9), .. Inodes("tcp6", 9), .. Inodes("unix", 6)];
            return Directory.GetFileSystemEntries($"/proc/{Id}/fd").Count(fd => new FileInfo(fd).LinkTarget is { } target
                && target.StartsWith("socket:[", StringComparison.Ordinal) && listed.Contains(target[8..^1]));
        }
    }

    /// <summary>Processor time of all its threads so far, in the kernel too; to a hundredth of a second.</summary>
    public TimeSpan ProcessorTime => ProcessorTimeOf(Id);

    /// <summary>The resident memory in bytes (VmRSS of /proc/PID/status).</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>The same of any process.</summary>
    public static TimeSpan ProcessorTimeOf(int id)
    {
        // The name, in parentheses, may hold spaces (proc(5)): fields 14 and 15 are counted from behind it.
        string[] fields = File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromSeconds(
            (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0);
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">The path of the executable.</param>
    /// <param name="arguments">Its arguments, one each; no shell reads them.</param>
    /// <param name="environment">Variables set beside those of this process; a null value removes one.</param>
    /// <param name="keepInput">Leaves the standard input open, for <see cref="WriteInput"/>.</param>
    /// <exception cref="InvalidOperationException">The program could not be started.</exception>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        bool keepInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        try
        {
            return new ChildProcess(Process.Start(start)!, keepInput);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{program} could not be started: {e.Message}", e);
        }
    }

    /// <summary>Runs a program to its end and returns its exit code and all that it printed.</summary>
    /// <exception cref="TimeoutException">It did not end in time; it was killed.</exception>
    public static async Task<ProcessResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        TimeSpan? within = null)
    {
        using var child = Start(program, arguments, environment, keepInput: input is not null);
        if (input is not null)
        {
            child.WriteInput(input);
            child.CloseInput();
        }
        var code = await child.WaitForExitAsync(within);
        await Task.WhenAll(child.Output.Ended, child.Error.Ended).WaitAsync(Deadline.Patient);
        return new ProcessResult(code, child.Output.ToString(), child.Error.ToString());
    }

    /// <summary>Sends a signal; does nothing when the process has ended already.</summary>
    public void Signal(UnixSignal signal)
    {
        // HasExited first: until the process is waited for its number is not used again, and afterwards it is never signalled.
        if (!_process.HasExited)
            _ = Kill(Id, (int)signal);
    }

    /// <summary>Signals it and all its children, parents first. One that has ended meanwhile does not matter.</summary>
    public void SignalAll(UnixSignal signal)
    {
        if (!_process.HasExited)
            SignalAll(Id, signal);
    }

    /// <summary>Kills it and all its children.</summary>
    public void KillAll() => _process.Kill(entireProcessTree: true);

    /// <summary>Writes to the standard input. The process must have been started with it kept open.</summary>
    public void WriteInput(string text)
    {
        try
        {
            _process.StandardInput.Write(text);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // The program ended, or closed its input, before it had read everything: its exit code and output tell the test.
        }
    }

    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // As above: what was still buffered has no reader any more.
        }
    }

    /// <summary>Closes the reading end of the standard output: the next write of the process fails with EPIPE.</summary>
    public void CloseOutput() => _process.StandardOutput.Close();

    /// <summary>Waits for the end and returns the exit code.</summary>
    /// <exception cref="TimeoutException">It still ran at the end of the time; the text holds its last error lines.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan? within = null)
    {
        await Eventually.HoldsAsync(
            () => _process.HasExited,
            $"the end of {_process.StartInfo.FileName} ({Id})",
            within,
            () => "Its last errors:\n" + Error.Tail());
        return _process.ExitCode;
    }

    /// <summary>Throws with what the program printed when it has ended.</summary>
    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public void ThrowIfExited()
    {
        if (!_process.HasExited)
            return;
        // The end of a process can be seen before the last of its output has been read.
        Task.WaitAll([Output.Ended, Error.Ended], TimeSpan.FromSeconds(1));
        throw new InvalidOperationException(
            $"{_process.StartInfo.FileName} ended with exit code {_process.ExitCode}. "
            + $"Its errors:\n{Error.Tail()}\nIts output:\n{Output.Tail()}");
    }

    /// <summary>A second time it does nothing.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(Deadline.Patient);
        }
        _process.Dispose();
    }

    /// <summary>The children are read after the parent is signalled: one that is stopped makes no more of them.</summary>
    private static void SignalAll(int id, UnixSignal signal)
    {
        _ = Kill(id, (int)signal);
        foreach (var child in ChildrenOf(id))
            SignalAll(child, signal);
    }

    private static List<int> ChildrenOf(int id)
    {
        var children = new List<int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var candidate))
                continue;
            try
            {
                // proc(5): the name, in parentheses, may hold spaces; the parent is the second field behind it.
                if (File.ReadAllText(folder + "/stat").Split(')')[^1].Split(' ')[2] == id.ToString(CultureInfo.InvariantCulture))
                    children.Add(candidate);
            }
            catch (IOException)
            {
                // It has ended between the listing and the reading.
            }
        }
        return children;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    /// <summary>The inodes in a table of the kernel (proc_pid_net(5)), from the column that holds them.</summary>
    private IEnumerable<string> Inodes(string table, int column) => File.ReadLines($"/proc/{Id}/net/{table}").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(fields => fields.Length > column)
        .Select(fields => fields[column]);
}
