namespace Lvsctl.Manifests.Yaml;

/// <summary>Where something stands, in eight bytes: every value of a manifest has one.</summary>
readonly struct Place(int file, long line, long column) : IEquatable<Place>
{
    readonly ushort _file = (ushort)file;
    readonly ushort _column = (ushort)Math.Min(column, ushort.MaxValue);

    public int File => _file;

    public int Line { get; } = (int)line;

    public int Column => _column;

    public static Place WholeFile(int file) => new(file, 0, 0);

    public bool Equals(Place other) => _file == other._file && Line == other.Line && _column == other._column;

    public override bool Equals(object? obj) => obj is Place other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_file, Line, _column);
}
