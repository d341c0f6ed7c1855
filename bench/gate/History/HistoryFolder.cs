using System.Text.Json;
using FastTcpProxy.Gate.Running;

namespace FastTcpProxy.Gate.History;

/// <summary>
/// The runs of the past, in a folder: history.jsonl has those that passed, failed.jsonl the others, baseline.json the last of the main line
/// that passed. A run that did not pass changes neither the first nor the last. Each file is replaced whole, by a rename, so that a run
/// that is killed leaves the old one or the new one. One process at a time writes, which a lock on the folder sees to.
/// </summary>
internal sealed class HistoryFolder(string path)
{
    /// <summary>Runs that each file keeps, the newest: some megabytes.</summary>
    public const int EntriesMax = 1000;

    private const string Passed = "history.jsonl", Failed = "failed.jsonl", BaselineFile = "baseline.json", LockFile = ".lock";

    /// <summary>Far longer than another process takes to add its run.</summary>
    private static readonly TimeSpan LockMax = TimeSpan.FromSeconds(30), LockPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>Adds a run to the file of those that ended like it.</summary>
    /// <param name="updateBaseline">Makes it the baseline, provided that it passed.</param>
    /// <exception cref="GateException">A file there is damaged, or another process holds the folder.</exception>
    public void Add(RunRecord run, bool updateBaseline)
    {
        Directory.CreateDirectory(path);
        using FileStream held = Lock();
        bool passed = run.Outcome == Outcome.Passed;
        string file = passed ? Passed : Failed;
        IEnumerable<RunRecord> runs = ReadLines(file).Append(run).TakeLast(EntriesMax);
        Replace(file, string.Concat(runs.Select(r => r.ToJsonLine() + "\n")));
        if (passed && updateBaseline) Replace(BaselineFile, run.ToJson());
    }

    /// <summary>All runs, passed or not, in the order of their time.</summary>
    /// <exception cref="GateException">A file is damaged.</exception>
    public IReadOnlyList<RunRecord> Read() => [.. ReadLines(Passed).Concat(ReadLines(Failed)).OrderBy(r => r.Date)];

    /// <summary>The last run of the main line that passed; null when there is none.</summary>
    /// <exception cref="GateException">The file is damaged.</exception>
    public RunRecord? Baseline()
    {
        string file = Path.Combine(path, BaselineFile);
        return File.Exists(file) ? Parse(File.ReadAllText(file), file) : null;
    }

    private List<RunRecord> ReadLines(string name)
    {
        string file = Path.Combine(path, name);
        return File.Exists(file) ? [.. File.ReadLines(file).Select((line, i) => Parse(line, $"{file}:{i + 1}"))] : [];
    }

    private static RunRecord Parse(string json, string where)
    {
        try
        {
            return RunRecord.Parse(json);
        }
        catch (JsonException e)
        {
            throw new GateException($"{where}: expected a run of the regression gate: {e.Message} Remove it, or restore the file.");
        }
    }

    private void Replace(string name, string content)
    {
        string file = Path.Combine(path, name), written = file + ".new";
        using (FileStream stream = File.Create(written))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }
        File.Move(written, file, overwrite: true);
    }

    private FileStream Lock()
    {
        string file = Path.Combine(path, LockFile);
        for (DateTime end = DateTime.UtcNow + LockMax; ; Thread.Sleep(LockPoll))
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < end)
            {
                // Another run is adding itself.
            }
        }
    }
}
