using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>
/// The mistakes of one text that is not JSON. A mistake that is made all over a file, such as typographic quotes, is told once and counted.
/// One thread, one call of the reader.
/// </summary>
internal sealed class SyntaxFaults
{
    private readonly List<Fault> _faults = [];

    public bool Any => _faults.Count > 0;

    /// <summary>Whether more is not worth reading: the text is of another language, or random.</summary>
    public bool IsFull => _faults.Count >= ConfigurationLimits.SyntaxFaultsMax;

    public void Note(Position at, string message) => Add(new Fault(at, message));

    /// <summary>The same, of a kind that is told where it is first and counted from then on.</summary>
    public void NoteKind(string kind, Position at, string message)
    {
        if (_faults.Find(fault => fault.Kind == kind) is { } first) first.Count++;
        else Add(new Fault(at, message, kind));
    }

    /// <summary>The same in place of all that was noted on this line from here on, which then follows from it.</summary>
    public void NoteInPlaceOfRest(Position at, string message)
    {
        bool Follows(Fault fault) => fault.At.Line == at.Line && fault.At.Column >= at.Column && fault.Count == 1;
        _faults.RemoveAll(Follows);
        Note(at, message);
    }

    /// <summary>The same in place of all others: nothing else of the text could be read.</summary>
    public void NoteAlone(Position at, string message)
    {
        _faults.Clear();
        Note(at, message);
    }

    public void Report(ProblemList problems)
    {
        foreach (Fault fault in _faults)
        {
            string times = fault.Count == 1 ? "" : $"; {fault.Count} times in this file, here first";
            problems.Error(fault.At, ConfigurationCodes.NotJson, fault.Message + times);
        }
    }

    private void Add(Fault fault)
    {
        if (!IsFull) _faults.Add(fault);
    }

    private sealed record Fault(Position At, string Message, string? Kind = null)
    {
        public int Count { get; set; } = 1;
    }
}
