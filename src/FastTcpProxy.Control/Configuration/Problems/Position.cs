namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>A place in a file: line and column from 1, the column in characters (Unicode scalar values). A value.</summary>
internal readonly record struct Position(int Line, int Column) : IComparable<Position>
{
    /// <summary>Where problems of a file as a whole are reported.</summary>
    public static Position Start => new(1, 1);

    public int CompareTo(Position other) => Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);

    public override string ToString() => $"line {Line}, column {Column}";
}
