mod javascript;
