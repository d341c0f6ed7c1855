namespace FastTcpProxy.Compare.Contestants;

/// <summary>The last lines of a process's output, so that an error can show them. Any thread.</summary>
internal sealed class LastLines
{
    public const int LinesMax = 10, LineLengthMax = 400;

    private readonly Queue<string> _lines = new();

    /// <param name="line">Null, the end of the output, is passed over.</param>
    public void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (_lines)
        {
            if (_lines.Count == LinesMax) _lines.Dequeue();
            _lines.Enqueue(line.Length > LineLengthMax ? line[..LineLengthMax] : line);
        }
    }

    public string[] ToArray()
    {
        lock (_lines) return [.. _lines];
    }
}
