using System.Globalization;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// Asks for the status again and again until Ctrl+C: drawn anew in place on a terminal, one block after the other elsewhere. A proxy that
/// does not answer is asked again; a reload, a restart and a take-over are told. One task.
/// </summary>
internal sealed class StatusWatch(AdminOperation operation, TimeSpan interval, Func<AdminAnswer, StatusDocument, string> draw)
{
    /// <summary>To the first column of the first line; the rest of a line; the rest of the screen (ECMA-48: CUP, EL, ED).</summary>
    private const string Home = "\e[H", EraseLine = "\e[K", EraseBelow = "\e[J";

    private readonly bool _inPlace = !Console.IsOutputRedirected && !operation.IsJson;
    private StatusDocument? _last;
    private string? _news;

    public async Task<int> RunAsync()
    {
        using CancellationTokenSource stop = new();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        if (_inPlace) Console.Out.Write(Home + EraseBelow);
        using PeriodicTimer timer = new(interval);
        try
        {
            do await ShowAsync().WaitAsync(stop.Token);
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C.
        }
        return ExitCodes.Ok;
    }

    private async Task ShowAsync()
    {
        string body;
        try
        {
            AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.Status);
            StatusDocument status = answer.Read(DocumentContext.Default.StatusDocument, "status");
            if (_last is not null && News(_last, status) is { } news) _news = $"{Clock()} {news}";
            _last = status;
            body = draw(answer, status);
        }
        catch (AdminClientException e)
        {
            body = Folded.Of($"no answer, asking again: {OneLine.Escape(e.Message)}", Screen.OfStandardOutput().Width) + "\n";
            if (operation.IsJson)
            {
                AdminOperation.Warn($"no answer, asking again: {e.Message}");
                return;
            }
        }
        Write(body);
    }

    private void Write(string body)
    {
        if (operation.IsJson)
        {
            Console.Out.Write(body);
            return;
        }
        string head = $"{Clock()}, each {interval.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s, Ctrl+C ends it\n"
            + (_news is null ? "" : _news + "\n");
        if (!_inPlace)
        {
            Console.Out.Write(head + body + "\n");
            _news = null;
            return;
        }
        string[] lines = (head + body).TrimEnd('\n').Split('\n');
        int room = Math.Max(Console.WindowHeight - 1, 2);
        if (lines.Length > room)
        {
            string more = $"... {lines.Length - room + 1} more lines: a higher window, or --brief";
            lines = [.. lines[..(room - 1)], more];
        }
        Console.Out.Write(Home + string.Concat(lines.Select(line => line + EraseLine + "\n")) + EraseBelow);
    }

    /// <summary>What has become of the proxy between two answers; null: nothing.</summary>
    internal static string? News(StatusDocument before, StatusDocument now)
    {
        if (before.Pid == now.Pid && before.StartedAt == now.StartedAt)
        {
            if (before.Config.LoadedAt != now.Config.LoadedAt)
                return $"another configuration is in force ({OneLine.Escape(now.Config.Author)})";
            return before.Config.LastFailure?.At != now.Config.LastFailure?.At && now.Config.LastFailure is not null
                ? "a reload has failed, and nothing was changed"
                : null;
        }
        return now.Traffic?.Accepted >= before.Traffic?.Accepted && before.Traffic?.Accepted > 0
            || now.Generations.Any(g => g.Pid == before.Pid)
            ? $"process {now.Pid} has taken over from process {before.Pid}"
            : $"process {now.Pid} was started in place of process {before.Pid}: counts begin at 0";
    }

    private static string Clock() => DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
